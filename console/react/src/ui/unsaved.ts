import { useEffect } from "react";
import { useWords } from "../words";

let leaving: (() => boolean) | null = null;

/** Whether what is written may be left: asks when it was not saved. For what changes the page without a link. */
export function mayLeave(): boolean {
  return leaving === null || leaving();
}

/** Who closes the page, or follows a link of ours, while `changed` is asked first. */
export function useUnsaved(changed: boolean): void {
  const question = useWords().frame.unsaved;
  useEffect(() => {
    if (!changed) return;
    const ask = () => window.confirm(question);
    const hold = (event: BeforeUnloadEvent) => event.preventDefault();
    const click = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
      const ours = link?.origin === location.origin && link.pathname.startsWith("/console") && link.pathname + link.search !== location.pathname + location.search;
      if (!ours || event.metaKey || event.ctrlKey || ask()) return;
      event.preventDefault();
      event.stopPropagation();
    };
    leaving = ask;
    window.addEventListener("beforeunload", hold);
    document.addEventListener("click", click, true);
    return () => {
      leaving = null;
      window.removeEventListener("beforeunload", hold);
      document.removeEventListener("click", click, true);
    };
  }, [changed, question]);
}
