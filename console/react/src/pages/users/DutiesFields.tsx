import { Checkbox, Stack, TagsInput } from "@mantine/core";
import type { Role } from "../../api/me";
import { useWords } from "../../words";
import { type Account, known } from "./users";

export interface Duties {
  roles: Role[];
  queues: string[];
  skills: string[];
}

/** Roles, each with what it may do, and the queues and skills of an operator. refused: they were sent without any role. */
export function DutiesFields({ duties, change, accounts, refused }: { duties: Duties; change: (duties: Duties) => void; accounts: readonly Account[]; refused: boolean }) {
  const words = useWords();
  return (
    <>
      <Checkbox.Group
        label={words.users.roles}
        value={duties.roles}
        onChange={(roles) => change({ ...duties, roles: roles as Role[] })}
        error={refused && duties.roles.length === 0 ? words.users.roles_needed : undefined}
      >
        <Stack gap="xs" mt="xs">
          {(Object.keys(words.roles) as Role[]).map((role) => (
            <Checkbox key={role} value={role} label={words.roles[role].name} description={words.roles[role].may} />
          ))}
        </Stack>
      </Checkbox.Group>
      {duties.roles.includes("operator") &&
        (["queues", "skills"] as const).map((what) => (
          <TagsInput
            key={what}
            label={words.users[what]}
            description={words.users[`${what}_help`]}
            value={duties[what]}
            onChange={(chosen) => change({ ...duties, [what]: chosen })}
            data={known(accounts, what)}
            maxTags={50}
          />
        ))}
    </>
  );
}
