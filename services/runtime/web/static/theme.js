// The theme switch without loading the page again; the cookie is the one that the server reads.

const A_YEAR = 365 * 24 * 3600;

export function startTheme() {
  const links = document.querySelectorAll("#themes a");
  for (const link of links) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const secure = location.protocol === "https:" ? "; Secure" : "";
      document.cookie = `phoihop_theme=${link.dataset.value}; Path=/; Max-Age=${A_YEAR}; SameSite=Lax${secure}`;
      document.documentElement.dataset.theme = link.dataset.value;
      for (const other of links) other.removeAttribute("aria-current");
      link.setAttribute("aria-current", "true");
    });
  }
}
