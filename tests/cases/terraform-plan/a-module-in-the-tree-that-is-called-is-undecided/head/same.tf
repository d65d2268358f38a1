module "n" {
  source = "./reader"
  size   = 2
}
