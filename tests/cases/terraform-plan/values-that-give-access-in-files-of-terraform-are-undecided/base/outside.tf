module "role" {
  source = "git::https://example.com/role?ref=v1"
}
