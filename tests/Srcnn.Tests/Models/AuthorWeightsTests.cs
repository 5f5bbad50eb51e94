using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;

namespace Srcnn.Tests.Models;

public sealed class AuthorWeightsTests
{
    private const int F1 = 3, F2 = 3, F3 = 5, N1 = 4, N2 = 2;

    /// <summary>An SRCNN file whose every weight tells where it belongs: layer, filter, channel, row, column in decimal digits.</summary>
    private static Dictionary<string, MatValue> Srcnn(int f1 = F1, int f2 = F2, int f3 = F3, int n1 = N1, int n2 = N2) => new()
    {
        ["weights_conv1"] = Array([f1 * f1, n1], i => Digits(1, i[1], 0, i[0] % f1, i[0] / f1)),
        ["weights_conv2"] = Array([n1, f2 * f2, n2], i => Digits(2, i[2], i[0], i[1] % f2, i[1] / f2)),
        ["weights_conv3"] = Array([n2, f3 * f3], i => Digits(3, 0, i[0], i[1] % f3, i[1] / f3)),
        ["biases_conv1"] = Array([n1, 1], i => 100 + i[0]),
        ["biases_conv2"] = Array([n2, 1], i => 200 + i[0]),
        ["biases_conv3"] = Array([1, 1], _ => 300),
    };

    private static double Digits(int layer, int k, int c, int r, int s) => (((((((layer * 10) + k) * 10) + c) * 10) + r) * 10) + s;

    /// <summary>Fills a MATLAB array, the first index fastest.</summary>
    private static MatNumeric Array(int[] dims, Func<int[], double> value)
    {
        var values = new double[dims.Aggregate((a, b) => a * b)];
        for (var i = 0; i < values.Length; i++)
        {
            var rest = i;
            values[i] = value([.. dims.Select(d => (rest % d, rest /= d).Item1)]);
        }
        return new MatNumeric(dims, values);
    }

    private static AuthorModel Recognise(Dictionary<string, MatValue> variables) => AuthorWeights.Recognise(new MatFile("x.mat", variables));

    [Test]
    public void EveryWeightLandsAtItsFilterChannelRowAndColumn()
    {
        var model = Recognise(Srcnn());
        Assert.That(model.Network, Is.EqualTo(new SrcnnConfig(3, 3, 5, 4, 2)));
        Assert.That(model.Tensors.Select(t => t.Name), Is.EqualTo(new[] { "conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias", "conv3.weight", "conv3.bias" }));
        int[][] shapes = [[4, 1, 3, 3], [2, 4, 3, 3], [1, 2, 5, 5]];
        for (var layer = 1; layer <= 3; layer++)
        {
            var weight = model.Tensors[(2 * layer) - 2];
            Assert.That(weight.Shape, Is.EqualTo(shapes[layer - 1]));
            var next = 0;
            for (var k = 0; k < weight.Shape[0]; k++)
            for (var c = 0; c < weight.Shape[1]; c++)
            for (var r = 0; r < weight.Shape[2]; r++)
            for (var s = 0; s < weight.Shape[3]; s++)
                Assert.That(weight.Values[next++], Is.EqualTo(Digits(layer, k, c, r, s)), $"conv{layer} [{k}, {c}, {r}, {s}]");
        }
        Assert.That(model.Tensors[3].Values, Is.EqualTo(new[] { 200f, 201f }));
    }

    [TestCase(9, 1, 5, 64, 32)]
    [TestCase(9, 3, 5, 64, 32)]
    [TestCase(9, 5, 5, 64, 32)]
    [TestCase(11, 1, 7, 128, 1)]
    public void SizesFollowFromTheArrays(int f1, int f2, int f3, int n1, int n2)
    {
        var model = Recognise(Srcnn(f1, f2, f3, n1, n2));
        Assert.That(model.Network, Is.EqualTo(new SrcnnConfig(f1, f2, f3, n1, n2)));
    }

    [TestCase("weights_conv2", 4, 2)]
    [TestCase("biases_conv1", 1, 4)]
    [TestCase("weights_conv2", 4, 1, 2, 1)]
    public void SizesOfOneMayBeKeptOrDropped(string name, params int[] dims)
    {
        var variables = Srcnn(f2: 1);
        var expected = Recognise(Srcnn(f2: 1));
        variables[name] = ((MatNumeric)variables[name]) with { Dims = dims };
        var actual = Recognise(variables);
        Assert.That(actual.Tensors.Select(t => t.Values), Is.EqualTo(expected.Tensors.Select(t => t.Values)));
    }

    [TestCase("weights_conv1", 8, 4, "'weights_conv1' is 8x4; f²x4")]
    [TestCase("weights_conv1", 4, 4, "with an odd f")]
    [TestCase("weights_conv1", 4, 9, "'weights_conv1' is 4x9")]
    [TestCase("weights_conv3", 2, 16, "with an odd f")]
    [TestCase("weights_conv3", 0, 0, "with an odd f")]
    [TestCase("biases_conv1", 5, 1, "'weights_conv1' is 9x4")]
    [TestCase("biases_conv3", 3, 1, "3 biases")]
    [TestCase("biases_conv2", 0, 0, "0 and 1 biases")]
    public void ArraysThatDoNotFitEachOtherAreRefused(string name, int rows, int columns, string message)
    {
        var variables = Srcnn();
        variables[name] = Array([rows, columns], _ => 1);
        Assert.That(() => Recognise(variables), Throws.InstanceOf<ModelException>().With.Message.Contains(message));
    }

    [Test]
    public void AMissingBiasAndAWeightThatIsNotFiniteAreRefused()
    {
        var variables = Srcnn();
        variables.Remove("biases_conv2");
        Assert.That(() => Recognise(variables), Throws.InstanceOf<ModelException>().With.Message.Contains("no numbers under 'biases_conv2'"));
        variables = Srcnn();
        ((MatNumeric)variables["weights_conv2"]).Values[5] = 1e39;
        Assert.That(() => Recognise(variables), Throws.InstanceOf<ModelException>().With.Message.Contains("'weights_conv2' holds values that are not finite"));
    }

    [Test]
    public void AFileOfSomethingElseNamesWhatItHolds() =>
        Assert.That(() => Recognise(new() { ["im"] = new MatNumeric([1, 1], [0]) }), Throws.InstanceOf<ModelException>().With.Message.Contains("it holds 'im'"));

    [Test]
    public void TheAuthorsSrcnnIsNineOneFive()
    {
        var model = AuthorWeights.Load(Require.Data("author-models", "srcnn-9-1-5-91/x3.mat"));
        Assert.That(model.Network, Is.EqualTo(new SrcnnConfig()));
        Assert.That(model.Tensors.Sum(t => t.Values.Length), Is.EqualTo(8129));
        Assert.That(model.Tensors[0].Values[0], Is.EqualTo(0.0282287597f).Within(1e-7));
    }
}
