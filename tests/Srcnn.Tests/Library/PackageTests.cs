using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Xml.Linq;
using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Upscaling;
using Srcnn.Tests.Imaging;

namespace Srcnn.Tests.Library;

/// <summary>The packages, made as for a release and used as by a stranger: in a new project elsewhere, and as a tool.</summary>
[Category("packages")]
[Explicit("a minute; choose it with --filter TestCategory=packages")]
public sealed class PackageTests
{
    // A version of its own, so that no cache has it.
    private readonly string version = $"0.0.0-test.{DateTime.UtcNow.Ticks}";
    private TemporaryFolder folder = null!;
    private Shell shell = null!;

    [OneTimeSetUp]
    public void Pack()
    {
        folder = new TemporaryFolder();
        var configuration = Path.GetFileName(TestContext.CurrentContext.TestDirectory);
        new Shell(Repository.Root).Run("dotnet", "pack", "-c", configuration, "-o", folder.File("feed"), $"-p:PackageVersion={version}");

        // Our packages come from the feed and stay in the folder; all others from wherever they come from on this machine.
        var known = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } set ? set
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        new XDocument(new XElement(
            "configuration",
            new XElement("packageSources", Add("feed", folder.File("feed"))),
            new XElement("fallbackPackageFolders", Add("known", known)))).Save(folder.File("nuget.config"));
        shell = new Shell(folder.Path) { Environment = { ["NUGET_PACKAGES"] = folder.File("packages") } };

        static XElement Add(string key, string value) => new("add", new XAttribute("key", key), new XAttribute("value", value));
    }

    [OneTimeTearDown]
    public void Clean() => folder?.Dispose();

    [TestCase("Srcnn.Engine", "Srcnn.Kernels NetVips SixLabors.ImageSharp System.IO.Hashing")]
    [TestCase("Srcnn.Kernels", "ILGPU")]
    public void ALibraryHasDocumentationSymbolsAndNothingOfAPlatform(string id, string dependencies)
    {
        using var package = ZipFile.OpenRead(folder.File(Path.Combine("feed", $"{id}.{version}.nupkg")));
        foreach (var file in (string[])[$"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml", "README.md"]) Assert.That(package.GetEntry(file), Is.Not.Null, file);
        using var symbols = ZipFile.OpenRead(folder.File(Path.Combine("feed", $"{id}.{version}.snupkg")));
        Assert.That(symbols.GetEntry($"lib/net10.0/{id}.pdb"), Is.Not.Null);
        using var stream = package.GetEntry($"{id}.nuspec")!.Open();
        var description = XDocument.Load(stream).Descendants().ToLookup(e => e.Name.LocalName);
        Assert.That(description["license"].Single().Value, Is.EqualTo("MIT"));
        Assert.That(description["description"].Single().Value, Does.Not.Contain("Package Description"));
        Assert.That(description["dependency"].Select(d => d.Attribute("id")!.Value), Is.EquivalentTo(dependencies.Split(' ')));
    }

    [Test]
    public void ANewProjectEnlargesPixelsAndFiles()
    {
        shell.Run("dotnet", "new", "console", "-o", "fresh", "-f", "net10.0");
        shell.Run("dotnet", "add", "fresh", "package", "Srcnn.Engine", "--version", version);
        var pixels = SyntheticImages.Generate(160, 120, seed: 3);
        folder.File("photo.rgb", pixels);
        Run("Enlarge");
        using var upscaler = Upscaler.Open("good", new UpscalerOptions { Device = "host" });
        Assert.That(File.ReadAllBytes(folder.File("large.rgb")), Is.EqualTo(upscaler.Upscale(pixels, 160, 120)).Within(1), "a GPU rounds otherwise");

        shell.Run("dotnet", "add", "fresh", "package", $"NetVips.Native.{RuntimeInformation.RuntimeIdentifier}", "--version", "8.18.7");
        ImageFile.Write(folder.File("photo.png"), SyntheticImages.Picture(60, 40, seed: 3, index: 0));
        Run("Files");
        Assert.That(ImageFile.Probe(folder.File("photo_x2.jpg")).Width, Is.EqualTo(120));

        void Run(string example)
        {
            File.WriteAllText(folder.File(Path.Combine("fresh", "Program.cs")), Repository.Example(example));
            shell.Run("dotnet", "run", "--project", "fresh");
        }
    }

    [Test]
    public void TheToolIsInstalledAndEnlarges()
    {
        shell.Run("dotnet", "tool", "install", "srcnn", "--tool-path", "tools", "--version", version);
        var srcnn = folder.File(Path.Combine("tools", "srcnn"));
        Assert.That(shell.Run(srcnn, "info", "fsrcnn-x3"), Does.Contain("fsrcnn").And.Contain("scale       3"));
        ImageFile.Write(folder.File("small.jpg"), SyntheticImages.Picture(60, 40, seed: 3, index: 0));
        Assert.That(shell.Run(srcnn, "upscale", "small.jpg"), Does.Contain("small_x3.jpg"));
        Assert.That(ImageFile.Probe(folder.File("small_x3.jpg")).Height, Is.EqualTo(120));
    }
}
