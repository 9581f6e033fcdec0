// Making elements. Text always enters as text nodes: what callers say and are called is never markup.

/** element("p", { class: "quiet", hidden: true, onclick: f }, "text", child, null): a <p>. Nulls are left out. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

/** Shows `text` in the notice element; kind: info, good, warn or bad. No text hides it. */
export function notice(where, kind, text) {
  where.className = `notice ${kind}`;
  where.hidden = !text;
  where.textContent = text ?? "";
}
