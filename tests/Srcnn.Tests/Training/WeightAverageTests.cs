using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using Srcnn.Kernels;
using Srcnn.Tests.Kernels;

namespace Srcnn.Tests.Training;

public sealed class WeightAverageTests(string backend) : BackendTests(backend)
{
    [Test]
    public void ItIsThePlainMeanUntilTheWindowIsFullAndForgetsThen()
    {
        using var parameters = new ParameterStore(Backend, new SrcnnConfig(F1: 1, F2: 1, F3: 1, N1: 1, N2: 1).ParametersAt(3));
        using var average = new WeightAverage(parameters, window: 4);
        float[] steps = [8, 4, 3, 1, 9], means = [8, 6, 5, 4, 5.25f];
        for (var step = 1; step <= steps.Length; step++)
        {
            parameters.Values.CopyFrom([.. Enumerable.Repeat(steps[step - 1], parameters.Values.Shape.Length)]);
            average.Add(step);
            Assert.That(average.Values.ToArray(), Is.All.EqualTo(means[step - 1]).Within(1e-5), $"step {step}");
        }
    }
}
