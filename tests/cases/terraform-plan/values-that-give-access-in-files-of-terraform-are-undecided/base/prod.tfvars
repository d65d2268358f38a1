p = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
