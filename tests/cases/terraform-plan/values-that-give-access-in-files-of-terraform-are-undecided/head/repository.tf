resource "github_repository" "app" {
  visibility = "public"
}
