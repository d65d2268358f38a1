module "m" {
  source = "./reader"
}
