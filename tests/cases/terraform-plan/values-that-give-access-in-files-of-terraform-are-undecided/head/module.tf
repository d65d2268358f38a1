module "role" {
  source              = "./role"
  attach_admin_policy = true
}
