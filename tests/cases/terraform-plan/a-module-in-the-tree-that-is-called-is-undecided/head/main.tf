module "m" {
  source = "./admin"
}
