import { Center } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext } from "react";
import { Trouble } from "../ui/Trouble";
import { Waiting } from "../ui/Waiting";
import { api, carryToken, data, type Schemas } from "./client";
import { ApiError } from "./errors";

export type Me = Schemas["Me"];
export type Role = Me["roles"][number];

const Signed = createContext<Me | null>(null);

/** Who is signed in. Only below `SignedIn`. */
export function useMe(): Me {
  const me = useContext(Signed);
  if (!me) throw new Error("useMe outside of SignedIn");
  return me;
}

/** Whether `me` holds one of `roles`; no roles: everybody does. */
export function may(me: Pick<Me, "roles">, roles: readonly Role[]): boolean {
  return roles.length === 0 || roles.some((role) => me.roles.includes(role));
}

/** Shows `children` once it is known who is signed in; who is not is led to the sign-in page. */
export function SignedIn({ children }: { children: ReactNode }) {
  const me = useQuery({
    queryKey: ["me"],
    queryFn: async () => {
      const found = await data(api.GET("/api/me"));
      carryToken(found.csrf_token);
      return found;
    },
  });
  const leaving = me.error instanceof ApiError && me.error.status === 401;
  if (me.data) return <Signed value={me.data}>{children}</Signed>;
  return (
    <Center mih="100vh" p="md">
      {me.error && !leaving ? <Trouble error={me.error} again={() => me.refetch()} /> : <Waiting />}
    </Center>
  );
}
