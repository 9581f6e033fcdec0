import { Checkbox, Stack, TagsInput } from "@mantine/core";
import type { Role } from "../../api/me";
import { useWords } from "../../words";

export interface Duties {
  roles: Role[];
  queues: string[];
}

/** Roles, each with what it may do, and the queues of an operator. refused: they were sent without any role. */
export function DutiesFields({ duties, change, queues, refused }: { duties: Duties; change: (duties: Duties) => void; queues: string[]; refused: boolean }) {
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
      {duties.roles.includes("operator") && (
        <TagsInput
          label={words.users.queues}
          description={words.users.queues_help}
          value={duties.queues}
          onChange={(chosen) => change({ ...duties, queues: chosen })}
          data={queues}
          maxTags={50}
        />
      )}
    </>
  );
}
