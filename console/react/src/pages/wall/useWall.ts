import { useEffect, useState } from "react";
import { api, data } from "../../api/client";
import { leaveWhenSignedOut } from "../../api/errors";
import type { Wall } from "./wall";

interface Watched {
  wall: Wall | null;
  /** The connection broke; the browser tries again by itself. */
  lost: boolean;
  error: unknown;
  again: () => void;
}

/** The wall as it changes. */
export function useWall(): Watched {
  const [wall, setWall] = useState<Wall | null>(null);
  const [lost, setLost] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const source = new EventSource("/api/wall/events");
    source.addEventListener("wall", (event) => {
      setWall(JSON.parse((event as MessageEvent<string>).data) as Wall);
      setLost(false);
      setError(null);
    });
    source.onerror = () => {
      setLost(true);
      if (source.readyState !== EventSource.CLOSED) return;
      // Refused for good: the same question, asked in a way that tells why.
      data(api.GET("/api/wall")).then(setWall, (refused: unknown) => {
        leaveWhenSignedOut(refused);
        setError(refused);
      });
    };
    return () => source.close();
  }, [tries]);
  return { wall, lost, error, again: () => setTries((before) => before + 1) };
}

/** The server's time now, in ms, counted on every second from when the wall was made. */
export function useServerTime(wall: Wall | null): number {
  const [now, setNow] = useState(() => Date.now());
  const [behindMs, setBehindMs] = useState(0);
  useEffect(() => {
    if (wall) setBehindMs(Date.now() - Date.parse(wall.at));
    setNow(Date.now());
  }, [wall]);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now - behindMs;
}
