resource/**/"aws_iam_group_membership" "a" {
  name  = "admins"
  users = ["mallory"]
  group = "admins"
}
