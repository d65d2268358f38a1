resource "google_storage_bucket" "b" {
  name                     = "b"
  public_access_prevention = "inherited"
}

resource "aws_s3_bucket_ownership_controls" "b" {
  bucket = "b"
  rule {
    object_ownership = "ObjectWriter"
  }
}

resource "google_cloud_run_v2_service" "s" {
  name                 = "s"
  invoker_iam_disabled = true
}

resource "azurerm_kubernetes_cluster" "k" {
  name                   = "k"
  local_account_disabled = false
}
