locals {
  a = <<É
/*
É
}
resource "aws_iam_user_policy_attachment" "a" {
  user = "bob"
}
locals {
  b = <<É
*/
É
}
