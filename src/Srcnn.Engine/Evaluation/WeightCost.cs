using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;

namespace Srcnn.Engine.Evaluation;

/// <summary>What other weights do to a model's pictures, by protocol y.</summary>
/// <param name="Pictures">So many were measured.</param>
/// <param name="Before">Mean PSNR of the model to the originals in dB.</param>
/// <param name="After">The same with the other weights.</param>
/// <param name="Outputs">PSNR between the outputs of both over all pictures in dB, before anything is rounded; infinite for equal ones.</param>
public sealed record WeightCost(int Pictures, double Before, double After, double Outputs)
{
    /// <summary>Shrinks <paramref name="originals"/> by <paramref name="scale"/> and enlarges them by both models.</summary>
    /// <param name="before">The model.</param>
    /// <param name="after">The same network with other weights.</param>
    /// <param name="originals">At least one, with names for messages.</param>
    /// <exception cref="ImageException">A picture is too small to be scored.</exception>
    public static WeightCost Measure(ModelFile before, ModelFile after, int scale, IBackend backend, IEnumerable<(string Name, Image Picture)> originals, CancellationToken stop = default)
    {
        var options = new UpscalerOptions { Scale = scale, Backend = backend };
        using Upscaler one = Upscaler.Open(before, options), other = Upscaler.Open(after, options);
        List<(double Before, double After)> scores = [];
        var (squares, values) = (0.0, 0L);
        foreach (var (name, image) in originals)
        {
            stop.ThrowIfCancellationRequested();
            var picture = new TestPicture(name, image, scale, Protocol.Y);
            var low = picture.Low(one.Channels);
            var (was, now) = (one.Upscale(low), other.Upscale(low));
            scores.Add((picture.Score(TestPicture.LumaOf(was)).Psnr, picture.Score(TestPicture.LumaOf(now)).Psnr));
            foreach (var (a, b) in was.Zip(now))
            {
                values += a.Values.LongLength;
                for (var i = 0; i < a.Values.Length; i++)
                {
                    var difference = (double)a.Values[i] - b.Values[i];
                    squares += difference * difference;
                }
            }
        }
        return new WeightCost(scores.Count, scores.Average(s => s.Before), scores.Average(s => s.After), 10 * Math.Log10(values / squares));
    }
}
