using Srcnn.Engine.Imaging;

namespace Srcnn.Tests.Imaging;

public sealed class BicubicTests
{
    // Doubling: centres lie 1/4 from the nearest sample, so Keys' kernel is taken at 5/4, 1/4, 3/4, 7/4:
    // w(1/4) = 111/128, w(3/4) = 29/128, w(5/4) = −9/128, w(7/4) = −3/128.
    [Test]
    public void DoublingAnImpulseGivesKeysKernel()
    {
        var impulse = new Plane(9, 1);
        impulse.Values[4] = 128;
        Assert.That(Bicubic.Resize(impulse, 18, 1).Values,
            Is.EqualTo(new float[] { 0, 0, 0, 0, 0, -3, -9, 29, 111, 111, 29, -9, -3, 0, 0, 0, 0, 0 }).Within(1e-4));
    }

    // Halving: the kernel is twice as wide, taken at odd quarters: (−3, −9, 29, 111, 111, 29, −9, −3)/256.
    [Test]
    public void HalvingAntialiases()
    {
        var weights = new BicubicWeights(16, 8, 0.5);
        Assert.That(weights.Taps, Is.EqualTo(8));
        Assert.That(weights.Doubles(3).ToArray().Select(w => w * 256),
            Is.EqualTo(new double[] { -3, -9, 29, 111, 111, 29, -9, -3 }).Within(1e-10));
        Assert.That(weights.Start(3), Is.EqualTo(3));
    }

    [Test]
    public void PlanesGoOnAsTheirMirrorImageAndIntegersAsTheirLastSample()
    {
        // Output 0 of a doubling lies 1/4 before sample 0: taps −1 and 0 fall on sample 0, tap −2 on sample 1 or, clamped, on sample 0.
        Assert.That(Bicubic.Resize(new Plane(3, 1, [128, 0, 0]), 6, 1).Values[0], Is.EqualTo(29 + 111).Within(1e-4));
        var image = new Image(3, 1, 1);
        image.Row(0)[0] = 128;
        Assert.That(Bicubic.Resize(image, 6, 1).Row(0)[0], Is.EqualTo(-3 + 29 + 111));
        Assert.That(Bicubic.Resize(new Plane(1, 1, [0.3f]), 7, 5).Values, Is.All.EqualTo(0.3f).Within(1e-6));
    }

    [TestCase(37, 29, 111, 87)]
    [TestCase(37, 29, 12, 9)]
    [TestCase(37, 29, 37, 29)]
    [TestCase(40, 10, 23, 31)]
    public void EvenPicturesStayEvenAndRampsStayRamps(int width, int height, int newWidth, int newHeight)
    {
        var flat = new Plane(width, height);
        Array.Fill(flat.Values, 0.7f);
        Assert.That(Bicubic.Resize(flat, newWidth, newHeight).Values, Is.All.EqualTo(0.7f).Within(1e-6));

        var ramp = new Plane(width, height);
        for (var i = 0; i < ramp.Values.Length; i++) ramp.Values[i] = i % width;
        var middle = Bicubic.Resize(ramp, newWidth, newHeight).Row(newHeight / 2).ToArray();
        for (var x = newWidth / 3; x < newWidth * 2 / 3; x++)
            Assert.That(middle[x], Is.EqualTo((x + 0.5) * width / newWidth - 0.5).Within(0.05), "the stretched kernel keeps ramps only nearly");
    }

    [Test]
    public void ScaleRoundsSizesUpAsMatlab()
    {
        var plane = Bicubic.Resize(new Plane(10, 7), 1.0 / 3);
        Assert.That((plane.Width, plane.Height), Is.EqualTo((4, 3)));
    }

    [TestCase(3.0)]
    [TestCase(0.25)]
    public void AnyRangeOfRowsGivesTheSameBits(double scale)
    {
        var plane = Plane.FromChannel(Pictures.Noise(61, 64, 1), 0);
        var whole = Bicubic.Resize(plane, scale);
        var resizer = new BicubicResizer(61, 64, whole.Width, whole.Height, scale, scale);
        for (int first = 0, count = 1; first < whole.Height; first += count, count = Math.Min(count + 2, whole.Height - first))
        {
            var (firstInput, inputs) = resizer.InputRows(first, count);
            var input = plane.Values.AsSpan(firstInput * 61, inputs * 61); // no row more than announced
            var output = new float[count * whole.Width];
            resizer.ResizeRows(input, firstInput, first, count, output);
            Assert.That(output.AsSpan().SequenceEqual(whole.Values.AsSpan(first * whole.Width, count * whole.Width)), $"rows from {first}");
        }
    }

    [Test]
    public void IntegersAreRoundedHalfUpAfterEachPass()
    {
        // Down by 2, a column of constant rows: 255·111/256 = 110.57 → 111 first, then the same across.
        var image = new Image(16, 16, 1);
        for (var x = 0; x < 16; x++) image.Row(7)[x] = 255;
        Assert.That(Bicubic.Resize(image, 8, 8).Row(3).ToArray(), Is.All.EqualTo(111));
        image = new Image(16, 16, 1);
        image.Row(7)[7] = 255;
        var row = Bicubic.Resize(image, 8, 8).Row(3);
        Assert.That(row[2..5].ToArray(), Is.EqualTo(new ushort[] { 0, 48, 13 }), "111·(−9, 111, 29)/256, clipped");
    }

    [Test]
    public void CropKeepsTheTopLeft()
    {
        var image = Pictures.Noise(11, 8, 3);
        var cropped = image.CropToMultiple(3);
        Assert.That((cropped.Width, cropped.Height), Is.EqualTo((9, 6)));
        Assert.That(cropped.Row(5).ToArray(), Is.EqualTo(image.Row(5)[..27].ToArray()));
        Assert.That(() => image.CropToMultiple(12), Throws.ArgumentException);
    }
}
