resource "aws\u005fiam_group_membership" "a" {
  name  = "admins"
  users = ["mallory"]
  group = "admins"
}
