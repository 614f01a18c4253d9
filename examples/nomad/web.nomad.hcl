# A job whose service Nomad registers itself: `nomad job run web.nomad.hcl`.
job "web" {
  group "web" {
    count = 2

    network {
      port "http" {}
    }

    service {
      provider = "nomad" # not "consul", which is the default
      name     = "web"
      port     = "http"
      tags     = ["v2", "fingerpost.weight=50", "fingerpost.metadata.version=2"]
    }

    task "web" {
      driver = "docker"

      config {
        image = "hashicorp/http-echo"
        args  = ["-listen=:${NOMAD_PORT_http}", "-text=hello"]
        ports = ["http"]
      }
    }
  }
}
