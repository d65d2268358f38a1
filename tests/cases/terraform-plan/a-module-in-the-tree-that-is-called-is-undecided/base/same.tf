module "n" {
  source = "./reader"
  size   = 1
}
