"""Clock cycles in closed form: of a core, and of a whole design from mean rates."""
