resource "github_repository" "app" {
  visibility  = "public" # 2
  description = "2"
}
