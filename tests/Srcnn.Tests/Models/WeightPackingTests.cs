using System.Text.Json;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;
using Srcnn.Tests.Imaging;

namespace Srcnn.Tests.Models;

public sealed class WeightPackingTests : FolderTests
{
    // FSRCNN's last weights have their output channels second: with three of them an exchanged axis shows.
    private static readonly NetworkConfig[] Networks = [new SrcnnConfig(5, 1, 3, 6, 4), new FsrcnnConfig(6, 4, 1, Channels: 3), new CompactConfig(2, 5)];

    [TestCaseSource(nameof(Networks))]
    public void HalvesAreWithinTheirPrecision(NetworkConfig network)
    {
        var model = Fresh(network);
        var back = Saved(model, WeightFormat.Half);
        Assert.That(back.Weights, Is.EqualTo(WeightFormat.Half));
        foreach (var (before, after) in model.Tensors.Zip(back.Tensors))
        foreach (var (w, half) in before.Values.Zip(after.Values))
            Assert.That(half, Is.EqualTo(w).Within(Math.Max(Math.Abs(w) / 2048, 1.0 / (1 << 25))), before.Name);
    }

    [TestCaseSource(nameof(Networks))]
    public void EightBitWeightsAreWithinAStepAndTheSumOfAKernelWithinHalfOfOne(NetworkConfig network)
    {
        var model = Fresh(network);
        var back = Saved(model, WeightFormat.Int8);
        var file = SafetensorsFile.Load(folder.File("saved.safetensors"));
        Assert.That(back.Weights, Is.EqualTo(WeightFormat.Int8));
        foreach (var (before, after) in model.Tensors.Zip(back.Tensors))
        {
            Assert.That(after.Type, Is.EqualTo(TensorType.F32), "memory knows floats only");
            if (before.Shape.Length < 2)
            {
                Assert.That(after.Values, Is.EqualTo(before.Values), before.Name);
                continue;
            }
            var isTransposed = before.Name == "deconv.weight";
            var (scale, whole) = (file.Find($"{before.Name}.scale")!, file.Find(before.Name)!);
            Assert.That(scale.Shape, Is.EqualTo(new[] { before.Shape[isTransposed ? 1 : 0] }));
            var taps = before.Shape[2] * before.Shape[3];
            for (var kernel = 0; kernel < before.Values.Length / taps; kernel++)
            {
                var step = scale.Values[isTransposed ? kernel % before.Shape[1] : kernel / before.Shape[1]];
                var sum = 0.0;
                for (var i = kernel * taps; i < (kernel + 1) * taps; i++)
                {
                    Assert.That(after.Values[i], Is.EqualTo(whole.Values[i] * step), before.Name);
                    // What is cut off may be further away.
                    if (Math.Abs(whole.Values[i]) < 127) Assert.That(after.Values[i], Is.EqualTo(before.Values[i]).Within(1.001 * step), before.Name);
                    sum += (double)after.Values[i] - before.Values[i];
                }
                if (whole.Values.AsSpan(kernel * taps, taps).ContainsAny(127, -127)) continue;
                Assert.That(Math.Abs(sum), Is.LessThan(0.501 * step), before.Name);
            }
        }
    }

    [Test]
    public void AWeightThatIsAloneIsWithinHalfAStep()
    {
        var model = Fresh(new SrcnnConfig(5, 1, 3, 6, 4));
        var (before, after) = (model.Tensors[2], Saved(model, WeightFormat.Int8).Tensors[2]);
        var scale = SafetensorsFile.Load(folder.File("saved.safetensors")).Find("conv2.weight.scale")!.Values;
        for (var i = 0; i < before.Values.Length; i++)
        {
            var cut = Math.Abs(before.Values[i]) > 127 * scale[i / 6];
            if (!cut) Assert.That(after.Values[i], Is.EqualTo(before.Values[i]).Within(0.501 * scale[i / 6]));
        }
    }

    [Test]
    public void TheScaleIsNoWorseThanThatOfTheLargestWeight()
    {
        var values = new float[36];
        for (var i = 0; i < values.Length; i++) values[i] = 0.013f * (i % 7 - 3);
        values[5] = 1;
        var model = Fresh(new SrcnnConfig(3, 1, 3, 4, 4));
        model = model with { Tensors = [model.Tensors[0] with { Values = values }, .. model.Tensors.Skip(1)] };
        var after = Saved(model, WeightFormat.Int8).Tensors[0].Values[..9];
        var plain = Array.ConvertAll(values[..9], v => MathF.Round(v * 127) / 127);
        Assert.That(Squares(after), Is.LessThan(Squares(plain)));

        double Squares(float[] rounded) => rounded.Zip(values, (a, b) => ((double)a - b) * (a - b)).Sum();
    }

    [TestCase(WeightFormat.Half)]
    [TestCase(WeightFormat.Int8)]
    public void WhatWasRoundedOnceIsNotRoundedAgain(WeightFormat format)
    {
        var once = Saved(Fresh(new FsrcnnConfig(6, 4, 1)), format);
        var twice = Saved(once, format);
        foreach (var (a, b) in once.Tensors.Zip(twice.Tensors)) Assert.That(b.Values, Is.EqualTo(a.Values).Within(2).Ulps, a.Name);
    }

    [Test]
    public void AValueBeyondHalfIsNamed()
    {
        var model = Fresh(new SrcnnConfig(5, 1, 3, 6, 4));
        model.Tensors[2].Values[3] = -70_000;
        Assert.That(() => Saved(model, WeightFormat.Half), Throws.TypeOf<ModelException>().With.Message.Contains("value 3 of conv2.weight is -70000"));
        Assert.That(folder.Names(), Is.Empty);
    }

    [Test]
    public void AChannelOfZerosStaysZero()
    {
        var model = Fresh(new SrcnnConfig(5, 1, 3, 6, 4));
        model.Tensors[0].Values.AsSpan(0, 25).Clear();
        Assert.That(Saved(model, WeightFormat.Int8).Tensors[0].Values[..25], Is.All.Zero);
    }

    private static readonly object[] Broken =
    [
        new TestCaseData((NamedTensor _) => (NamedTensor?)null, "conv1.weight.scale is missing").SetName("AMissingScaleIsNamed"),
        new TestCaseData((NamedTensor t) => With(t, -0.5f), "value 1 of conv1.weight.scale is -0.5 instead of a positive number").SetName("ANegativeScaleIsNamed"),
        new TestCaseData((NamedTensor t) => With(t, 0), "value 1 of conv1.weight.scale is 0 instead").SetName("AScaleOfZeroIsNamed"),
        new TestCaseData((NamedTensor t) => With(t, 3e38f), "value 1 of conv1.weight.scale is 3E+38 instead").SetName("AScaleThatOverflowsIsNamed"),
        new TestCaseData((NamedTensor t) => With(t, float.NaN), "value 1 of tensor 'conv1.weight.scale' is NaN").SetName("AScaleThatIsNoNumberIsNamed"),
        new TestCaseData((NamedTensor t) => t with { Shape = [5], Values = t.Values[..5] }, "conv1.weight.scale is [5] instead of [6]").SetName("AScaleOfAnotherLengthIsNamed"),
        new TestCaseData((NamedTensor t) => t with { Shape = [6, 1] }, "conv1.weight.scale is [6, 1] instead of [6]").SetName("AScaleOfAnotherShapeIsNamed"),
        new TestCaseData((NamedTensor t) => t with { Type = TensorType.I8 }, "conv1.weight.scale is I8 instead of F32").SetName("AScaleOfWholeNumbersIsNamed"),
    ];

    [TestCaseSource(nameof(Broken))]
    public void ALieAboutScalesIsNamed(Func<NamedTensor, NamedTensor?> change, string named)
    {
        var good = (Fresh(new SrcnnConfig(5, 1, 3, 6, 4)) with { Weights = WeightFormat.Int8 }).ToSafetensors();
        var tensors = good.Tensors.Select(t => t.Name == "conv1.weight.scale" ? change(t) : t).OfType<NamedTensor>();
        Assert.That(() => Read(new SafetensorsFile([.. tensors], good.Metadata)), Throws.TypeOf<ModelException>().With.Message.StartsWith("the.file: ").And.Message.Contains(named));
    }

    [Test]
    public void EverythingThatIsWrongIsListed()
    {
        var good = (Fresh(new SrcnnConfig(5, 1, 3, 6, 4)) with { Weights = WeightFormat.Int8 }).ToSafetensors();
        var tensors = good.Tensors.Where(t => t.Name is not ("conv1.weight.scale" or "conv2.bias")).Append(new NamedTensor("prelu.slope.scale", [1], [1]))
            .Select(t => t.Name == "conv3.weight" ? t with { Shape = [4, 1, 3, 3] } : t);
        var error = Assert.Throws<ModelException>(() => Read(new SafetensorsFile([.. tensors], good.Metadata)));
        Assert.That(error!.Message, Does.Contain("conv1.weight.scale is missing").And.Contains("conv2.bias is missing")
            .And.Contains("conv3.weight is [4, 1, 3, 3] instead of [1, 4, 3, 3]").And.Contains("'prelu.slope.scale' is unknown"));
    }

    [TestCase("half", "weights 'half' over tensors of int8")]
    [TestCase("int4", "weights 'int4' over tensors of int8")]
    public void MetadataThatDisagreesIsRefused(string stated, string named)
    {
        var good = (Fresh(new SrcnnConfig(5, 1, 3, 6, 4)) with { Weights = WeightFormat.Int8 }).ToSafetensors();
        var metadata = new Dictionary<string, string>(good.Metadata) { ["weights"] = stated };
        Assert.That(() => Read(new SafetensorsFile(good.Tensors, metadata)), Throws.TypeOf<ModelException>().With.Message.Contains(named));
    }

    [TestCase(WeightFormat.Half, "F16")]
    [TestCase(WeightFormat.Int8, "I8")]
    public void OtherProgramsFindTheTypeInTheHeader(WeightFormat format, string type)
    {
        _ = Saved(Fresh(new SrcnnConfig(5, 1, 3, 6, 4)), format);
        var bytes = File.ReadAllBytes(folder.File("saved.safetensors"));
        using var header = JsonDocument.Parse(bytes.AsMemory(8, (int)BitConverter.ToInt64(bytes)));
        Assert.That(header.RootElement.GetProperty("conv1.weight").GetProperty("dtype").GetString(), Is.EqualTo(type));
        Assert.That(header.RootElement.GetProperty("__metadata__").GetProperty("weights").GetString(), Is.EqualTo(format.ToString().ToLowerInvariant()));
    }

    private static NamedTensor With(NamedTensor scale, float value) => scale with { Values = [scale.Values[0], value, .. scale.Values[2..]] };

    private static ModelFile Read(SafetensorsFile file)
    {
        using var stream = new MemoryStream();
        file.Write(stream);
        stream.Position = 0;
        return ModelFile.Read(stream, "the.file");
    }

    private ModelFile Saved(ModelFile model, WeightFormat format)
    {
        (model with { Weights = format }).Save(folder.File("saved.safetensors"));
        return ModelFile.Load(folder.File("saved.safetensors"));
    }

    private static ModelFile Fresh(NetworkConfig network)
    {
        using var backend = new HostBackend(1);
        using var model = new Model(network, 3, backend);
        model.Parameters.Initialize(1);
        // Each value of its own, as training leaves them.
        var random = new Random(2);
        return new ModelFile(network, 3, [.. model.Save().Select(t => t with { Values = Array.ConvertAll(t.Values, v => v + (0.1f * (random.NextSingle() - 0.5f))) })]);
    }
}
