import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

const GATHERED_MS = 300; // what happens together is asked for once

/** Has a call that goes on asked for again whenever something happens in it. last: the event that is known already. */
export function useNews(id: string, goesOn: boolean, last: number | undefined) {
  const queries = useQueryClient();
  const known = useRef(0);
  known.current = last ?? 0;
  useEffect(() => {
    if (!goesOn) return;
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      waiting ??= setTimeout(() => {
        waiting = undefined;
        void queries.invalidateQueries({ queryKey: ["call", id] });
      }, GATHERED_MS);
    };
    const source = new EventSource(`/api/calls/${encodeURIComponent(id)}/news?after=${known.current}`);
    source.onmessage = ask;
    source.addEventListener("end", () => {
      source.close();
      ask();
    });
    return () => {
      clearTimeout(waiting);
      source.close();
    };
  }, [id, goesOn, queries]);
}
