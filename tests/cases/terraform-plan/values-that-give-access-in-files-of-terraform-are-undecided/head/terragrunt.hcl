inputs = {
  managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]
}
