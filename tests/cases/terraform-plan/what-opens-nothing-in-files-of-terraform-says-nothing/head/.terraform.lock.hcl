provider "registry.terraform.io/hashicorp/aws" {
  version = "2.0.0"
  hashes  = ["h1:iam:*"]
}
