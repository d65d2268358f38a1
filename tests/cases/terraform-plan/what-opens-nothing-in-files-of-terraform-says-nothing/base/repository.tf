resource "github_repository" "app" {
  visibility  = "public" # 1
  description = "1"
}
