using Srcnn.Engine.Data;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using Srcnn.Kernels;

namespace Srcnn.Tests.Training;

/// <summary>What counts in a validation score, seen at a network that hands on what it gets.</summary>
public sealed class ValidatorTests
{
    private const int Side = 12, Scale = 3;

    [TestCase(Scale - 1, false, Description = "the last ring that is shaved off")]
    [TestCase(Scale, true, Description = "the first that is not")]
    public void AsManyPixelsAreShavedOffAsTheScale(int ring, bool counts)
    {
        var (input, target) = (new float[Side * Side], new float[Side * Side]);
        Array.Fill(input, 0.5f);
        Array.Fill(target, 0.5f);
        target[(ring * Side) + (Side / 2)] = 1;
        var picture = new TrainingPicture("one wrong pixel", Side, Side, 1, Scale, NetworkInput.Bicubic, new PicturePair(input, target));
        using var backend = new HostBackend(1);
        using var model = new Model(new SrcnnConfig(1, 1, 1, 1, 1), Scale, backend);
        foreach (var weight in model.Parameters.Parameters.Where(p => p.Name.EndsWith("weight", StringComparison.Ordinal))) backend.Fill(model.Parameters.Value(weight), 1);
        using var validator = new Validator(model, [picture]);
        // One pixel of 6×6 is off by 127 levels: 128 becomes 255.
        Assert.That(validator.Run(), Is.EqualTo(counts ? 10 * Math.Log10(255.0 * 255 * 36 / (127 * 127)) : 100).Within(0.05));
    }
}
