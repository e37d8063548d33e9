// One store of this phone in a database of its own: opened when it is first needed, every transaction on disk when it
// resolves. Each kind of thing has its own database, so that a page still open never holds up a new version of another.

// Returns `transact(mode, work)`: `work` gets the store, and the result of the request it returns is what comes back.
export function database(name, store, keyPath) {
  let opening;
  const open = () =>
    new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(store, { keyPath });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  return async (mode, work) => {
    opening ??= open();
    const transaction = (await opening).transaction(store, mode, { durability: "strict" });
    const request = work(transaction.objectStore(store));
    return new Promise((resolve, reject) => {
      // Not when the request has succeeded: only then is it on disk.
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = () => reject(transaction.error);
    });
  };
}
