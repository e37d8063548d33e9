"""Material for tests of witnesses: a log with a true and a rewritten history, and its requests."""

from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.merkle import CompactRange, leaf_hash, node_hash
from services.audit.tlog.notes import LogSigner, Note, WitnessSigner
from services.audit.tlog.proofs import Node, consistency_proof
from services.audit.tlog.witnessing import AddCheckpoint

ORIGIN = "phoihop.example/hue"
LOG = LogSigner(ORIGIN, b"l" * 32)
WITNESS = WitnessSigner("da-nang.example", b"w" * 32)
LOGS = {ORIGIN: (LOG.verifier,)}
LENGTH = 3000


class History:
    """One history of a log, whole or rewritten from some entry on."""

    def __init__(self, rewritten_from: int = LENGTH) -> None:
        self._levels = [[leaf_hash(b"%d%d" % (index, index >= rewritten_from)) for index in range(LENGTH)]]
        while len(below := self._levels[-1]) > 1:
            pairs = zip(below[::2], below[1::2], strict=False)
            self._levels.append([node_hash(left, right) for left, right in pairs])
        self._roots = {0: CompactRange()}

    def root(self, size: int) -> bytes:
        """The root over its first entries."""
        start = max(known for known in self._roots if known <= size)
        self._roots[size] = self._roots[start].extend(self._levels[0][start:size])
        return self._roots[size].root()

    def note(self, size: int) -> Note:
        """Its signed checkpoint."""
        text = Checkpoint(ORIGIN, size, self.root(size)).text
        return Note(text).signed(LOG.sign(text))

    def request(self, old: int, size: int) -> AddCheckpoint:
        """Asks to go on from `old`."""
        proof = consistency_proof(old, size, self._node) if 0 < old <= size else ()
        return AddCheckpoint(old, proof, self.note(size))

    def _node(self, wanted: Node) -> bytes:
        return self._levels[wanted.level][wanted.index]
