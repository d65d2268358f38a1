p = ["arn:aws:iam::aws:policy/AdministratorAccess"]
