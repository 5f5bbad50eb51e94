using Srcnn.Engine.Imaging;
using Srcnn.Engine.Upscaling;

namespace Srcnn.Tests.Upscaling;

public sealed class ComparisonSheetTests
{
    private const int Cell = 24 * 6 * 2, Caption = (9 * 2) + 8; // of pictures so small that captions need more

    [Test]
    public void TheDetailIsWhereModelsAndBicubicDifferMost()
    {
        Image input = Flat(100), bicubic = Bicubic(input), first = Bicubic(input), second = Bicubic(input);
        first.Row(61)[45] = 110;
        foreach (var (x, y) in (ReadOnlySpan<(int, int)>)[(161, 145), (164, 148)]) second.Row(y)[x] = 200;

        var comparison = new ComparisonSheet(input, [("a", first), ("b", second)], 2);
        Assert.That(comparison.Place, Is.EqualTo((108, 108, 72, 72)), "a square on a grid of half its side");
        var sheet = comparison.Draw();
        Assert.That((sheet.Width, sheet.Height), Is.EqualTo((4 * Cell + 3 * 8, Caption + 200 + 8 + 4 * 72)));
        var magnified = sheet.Cut(3 * (Cell + 8), Caption + 208, Cell, Cell).Samples;
        Assert.That(magnified.Count(s => s == 200), Is.EqualTo(2 * 4 * 4), "both pixels, four times as wide and high");
        Assert.That(sheet.Cut(Cell + 8, Caption + 208, Cell, Cell).Samples, Is.All.EqualTo(100), "bicubic's");
        Assert.That(sheet.Cut(3 * (Cell + 8), Caption, 200, 200).Samples, Is.EqualTo(second.Samples));
        Assert.That(sheet.Cut(Cell + 8, Caption, 200, 200).Samples, Is.EqualTo(bicubic.Samples));
    }

    [Test]
    public void PanelsAreMeasuredAgainstTheOriginal()
    {
        Image input = Flat(100), original = Bicubic(input), model = Bicubic(input);
        foreach (ref var sample in model.Samples.AsSpan()) sample = 101;
        var comparison = new ComparisonSheet(input, [("model", model)], 2, original);
        Assert.That(comparison.Panels.Select(p => p.Caption), Is.EqualTo(new[] { "nearest", "bicubic", "model 48.13 dB", "original" }), "10·log₁₀(255²) for a difference of one; none at all is no figure");
        Assert.That(comparison.Panels[^1].Picture, Is.SameAs(original));
        Assert.That(() => new ComparisonSheet(input, [], 2, new Image(199, 200, 1)), Throws.ArgumentException);
        Assert.That(new ComparisonSheet(input, [], 2).Panels.Select(p => p.Psnr), Is.All.Null);
    }

    [Test]
    public void CaptionsStandAboveTheirPanels()
    {
        var input = new Image(3, 2, 4);
        var sheet = new ComparisonSheet(input, [(new string('x', 100) + "!", Bicubic(input))], 2).Draw();
        Assert.That(sheet.Width, Is.EqualTo(3 * Cell + 2 * 8), "small pictures leave room for them");
        const int Line = 10 * 2, LastLine = 4 + (2 * Line);
        for (var panel = 0; panel < 3; panel++)
        {
            var words = sheet.Cut(panel * (Cell + 8), 0, Cell, Caption);
            Assert.That(words.Samples.Where((_, i) => i % 4 < 3).Distinct(), Is.EquivalentTo(new[] { 0, 255 }), "black on white");
            Assert.That(words.Samples.Where((_, i) => i % 4 == 3), Is.All.EqualTo(255), "and opaque");
        }
        // Three lines of 23 letters: one stays free between two captions.
        Assert.That(sheet.Cut(2 * (Cell + 8) + Cell - 24, LastLine, 12, 18).Samples.Chunk(4).Count(p => p[0] == 0), Is.EqualTo(6 * 4), "its end is the exclamation mark");
        for (var line = 0; line < 3; line++) Assert.That(sheet.Cut(2 * (Cell + 8) + Cell - 12, 4 + (line * Line), 12, 18).Samples, Is.All.EqualTo(255), "a letter's room");
        Assert.That(sheet.Cut(Cell, 0, 8, sheet.Height).Samples, Is.All.EqualTo(255), "gaps stay white");
    }

    [TestCase("fsrcnn-x3", "fsrcnn-x3")]
    [TestCase("runs/quick/model.safetensors", "runs/quick/|model.safetensors")]
    [TestCase("a b c/d e f/twenty-three-letters-12", "a b c/d e f/|twenty-three-letters-12")]
    [TestCase("0123456789abcdefghijklmnopqrstuvwxyz", "0123456789abcdefghijklm|nopqrstuvwxyz")]
    [TestCase("0000000000/1111111111/2222222222/3333333333/4444444444/5555555555/66", "0000000000/1111111111/2|222222222/3333333333/44|44444444/5555555555/66", Description = "four lines at slashes, but three without")]
    [TestCase("0000000000/1111111111/2222222222/3333333333/4444444444/5555555555/6666666666/7", "0000000000/1111111111/2|222222222/..4444444444/|5555555555/6666666666/7")]
    public void NamesAreWholeOrLoseTheirMiddle(string name, string lines) =>
        Assert.That(string.Join('|', Srcnn.Engine.Reports.Caption.Lines(name, 23, 3)), Is.EqualTo(lines));

    private static Image Flat(ushort value)
    {
        var input = new Image(100, 100, 1);
        input.Samples.AsSpan().Fill(value);
        return input;
    }

    private static Image Bicubic(Image input)
    {
        using var bicubic = Upscaler.Bicubic(2);
        return bicubic.Upscale(input);
    }
}
