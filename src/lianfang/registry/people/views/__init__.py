"""Pages of people: the list and the card, two cards side by side, the numbers on a card."""
