locals {
  policies = {}
  p        = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
