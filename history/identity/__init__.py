"""Who a contact is: pure decisions on addresses, and nothing that reads or writes."""
