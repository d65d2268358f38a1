resource "aws_iam_user_policy_attachment" "a" {
  user = "mallory"
}
