import { expect, it } from "vitest";
import { shortened } from "./webhooks";

it("shortens an address so that host and end stay", () => {
  expect(shortened("https://crm.example.org/hooks")).toBe("crm.example.org/hooks");
  const long = shortened(`https://crm.example.org/${"a".repeat(200)}/the-last-part`);
  expect(long).toHaveLength(60);
  expect(long).toMatch(/^crm\.example\.org\/a+….*last-part$/);
});
