using System.Globalization;
using System.Text.RegularExpressions;
using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Upscaling;
using Srcnn.Tests.Imaging;

namespace Srcnn.Tests.Library;

/// <summary>The programs of docs/library.md do what the page says.</summary>
public sealed partial class ExampleTests : FolderTests
{
    [TestCase("README.md", "Enlarge")]
    [TestCase("docs/library.md", "Enlarge", "Files", "OwnNetwork")]
    public void ThePageShowsThePrograms(string page, params string[] examples)
    {
        var shown = Code().Matches(File.ReadAllText(Path.Combine(Repository.Root, page))).Select(m => m.Groups[1].Value);
        Assert.That(shown, Is.EqualTo(examples.Select(Repository.Example)));
    }

    [Test]
    public void EveryProgramIsOnThePage() =>
        Assert.That(Directory.GetDirectories(Path.Combine(Repository.Root, "docs", "examples")), Has.Length.EqualTo(3), "tested below");

    [Test]
    public void PixelsGoInAndComeOut()
    {
        var pixels = SyntheticImages.Generate(160, 120, seed: 3);
        folder.File("photo.rgb", pixels);
        Run("Enlarge");
        using var upscaler = Upscaler.Open("good", new UpscalerOptions { Device = "host" });
        Assert.That(File.ReadAllBytes(folder.File("large.rgb")), Is.EqualTo(upscaler.Upscale(pixels, 160, 120)).Within(1), "a GPU rounds otherwise");
    }

    [Test]
    public void FilesAndStreamsGoInAndComeOut()
    {
        ImageFile.Write(folder.File("photo.png"), SyntheticImages.Picture(60, 40, seed: 3, index: 0));
        Run("Files");
        var (file, stream) = (ImageFile.Probe(folder.File("photo_x2.jpg")), ImageFile.Probe(folder.File("photo_x2.png")));
        Assert.That((file.Format, file.Width, file.Height), Is.EqualTo((ImageFormat.Jpeg, 120, 80)));
        Assert.That((stream.Format, stream.Width, stream.Height), Is.EqualTo((ImageFormat.Png, 120, 80)));
    }

    [Test]
    public void ANetworkOfOnesOwnBeatsBicubic()
    {
        Directory.CreateDirectory(folder.File("pictures"));
        for (var i = 0; i < 20; i++) ImageFile.Write(folder.File(Path.Combine("pictures", $"{i:D2}.png")), SyntheticImages.Picture(128, 128, seed: 1, i));
        ImageFile.Write(folder.File("small.png"), SyntheticImages.Picture(30, 20, seed: 2, index: 0));
        var said = Decibels().Match(Run("OwnNetwork"));
        var (own, bicubic) = (double.Parse(said.Groups[1].Value, CultureInfo.InvariantCulture), double.Parse(said.Groups[2].Value, CultureInfo.InvariantCulture));
        Assert.That(own, Is.GreaterThan(bicubic + 1.5));
        var large = ImageFile.Probe(folder.File("large.png"));
        Assert.That((large.Width, large.Height), Is.EqualTo((60, 40)));
    }

    private string Run(string example) => new Shell(folder.Path).Run("dotnet", Path.Combine(TestContext.CurrentContext.TestDirectory, example + ".dll"));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex("^([0-9.]+) dB, bicubic ([0-9.]+) dB$", RegexOptions.Multiline)]
    private static partial Regex Decibels();
}
