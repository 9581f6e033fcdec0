"""What people were told, agreed to and refused, each with its proof."""
