resource "github_repository" "app" {
  visibility = "private"
}
