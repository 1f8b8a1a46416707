# For a tap, or homebrew-core. The release workflow fills in the address and checksum (`python .ci/release.py recipes`);
# the resources of the dependencies are then written by
#   brew update-python-resources --exclude-packages=pydantic cnncalc.rb
class Cnncalc < Formula
  include Language::Python::Virtualenv

  desc "Shapes, stride fit, parameters and cost of convolutional networks from YAML"
  homepage "https://pypi.org/project/cnncalc/"
  url "https://files.pythonhosted.org/packages/source/c/cnncalc/cnncalc-0.2.0.tar.gz"
  sha256 "SHA256_OF_THE_SDIST"
  license "MIT"

  depends_on "libyaml"
  depends_on "pydantic"
  depends_on "python@3.13"

  def install
    virtualenv_install_with_resources
  end

  test do
    (testpath/"net.yaml").write <<~YAML
      input: 3x227x227
      layers:
        - conv: {out_channels: 96, kernel_size: 11, stride: 4}
    YAML
    assert_match "96×55×55", shell_output("#{bin}/cnncalc shapes net.yaml")
    assert_match version.to_s, shell_output("#{bin}/cnncalc --version")
  end
end
