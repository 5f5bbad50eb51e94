using Srcnn.Engine.Imaging;
using Srcnn.Engine.Upscaling;

namespace Srcnn.Tests.Upscaling;

public sealed class ComparisonSheetTests
{
    [Test]
    public void TheDetailIsWhereModelAndBicubicDifferMost()
    {
        var input = new Image(40, 40, 1);
        input.Samples.AsSpan().Fill(100);
        using var bicubic = Upscaler.Bicubic(2);
        var enlarged = bicubic.Upscale(input);
        foreach (var (x, y) in (ReadOnlySpan<(int, int)>)[(61, 45), (64, 48)]) enlarged.Row(y)[x] = 200;

        var sheet = ComparisonSheet.Create(input, enlarged, 2);
        Assert.That((sheet.Width, sheet.Height), Is.EqualTo((3 * 80 + 16, 80 + 8 + 80)));
        var magnified = sheet.Cut(2 * 88, 88, 80, 80).Samples;
        Assert.That(magnified.Count(s => s == 200), Is.EqualTo(2 * 4 * 4), "both pixels, four times as wide and high");
        Assert.That(sheet.Cut(88, 88, 80, 80).Samples, Is.All.EqualTo(100), "bicubic's");
        Assert.That(sheet.Cut(2 * 88, 0, 80, 80).Samples, Is.EqualTo(enlarged.Samples));
    }
}
