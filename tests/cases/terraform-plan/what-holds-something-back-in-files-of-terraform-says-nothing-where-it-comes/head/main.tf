resource "google_storage_bucket" "b" {
  name                     = "b"
  public_access_prevention = "enforced"
}

resource "aws_s3_bucket_ownership_controls" "b" {
  bucket = "b"
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "google_cloud_run_v2_service" "s" {
  name                 = "s"
  invoker_iam_disabled = false
}

resource "azurerm_kubernetes_cluster" "k" {
  name                   = "k"
  local_account_disabled = true
}

resource "google_storage_bucket" "new" {
  name                     = "new"
  public_access_prevention = "enforced"
}

resource "aws_s3_bucket_ownership_controls" "new" {
  bucket = "new"
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}
