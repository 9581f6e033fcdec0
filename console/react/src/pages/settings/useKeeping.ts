import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "../../api/errors";
import { toast } from "../../ui/toasts";
import { useWords } from "../../words";
import { type Kept, SETTINGS } from "./settings";

export interface Keeping {
  keep: () => void;
  pending: boolean;
  error: unknown;
  /** What only a restart brings about, to be asked; '' otherwise. */
  restart: string;
  afterRestart: () => Promise<void>;
  no: () => void;
}

/** Puts settings into their file; what only a restart brings about is asked first. put: with what was written. */
export function useKeeping(put: (restart: boolean) => Promise<Kept>, done: (kept: Kept) => void): Keeping {
  const words = useWords();
  const queries = useQueryClient();
  const [restart, setRestart] = useState("");
  const keeping = useMutation({
    mutationFn: put,
    onSuccess: async (kept) => {
      await queries.invalidateQueries({ queryKey: SETTINGS });
      toast(kept.served ? words.settings.kept : words.settings.kept_for_later);
      done(kept);
    },
    onError: (error) => {
      if (error instanceof ApiError && error.code === "after_restart") setRestart(error.message);
    },
  });
  return {
    keep: () => keeping.mutate(false),
    pending: keeping.isPending,
    error: restart ? null : keeping.error,
    restart,
    afterRestart: async () => {
      await keeping.mutateAsync(true);
    },
    no: () => {
      setRestart("");
      keeping.reset();
    },
  };
}
