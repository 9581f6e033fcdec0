import { useQuery } from "@tanstack/react-query";
import { api, data } from "../../api/client";

/** The most that the server lists at once. */
export const MOST = 500;
const EVERY_MS = 30_000;

/** Who is to be called back, of the queues that one sees; done: who was, the latest first. */
export function useCallbacks(done = false, enabled = true) {
  return useQuery({
    queryKey: ["callbacks", done],
    queryFn: () => data(api.GET("/api/callbacks", { params: { query: { done, limit: MOST } } })),
    refetchInterval: EVERY_MS,
    enabled,
  });
}
