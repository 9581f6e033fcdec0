import { notifications } from "@mantine/notifications";

/** A short word that something was done. A screen reader says it when it has finished speaking. */
export function toast(message: string): void {
  notifications.show({ message, role: "status", color: "petrol", autoClose: 6000, withCloseButton: false });
}
