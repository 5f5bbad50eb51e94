using System.Diagnostics;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Upscaling;

namespace Srcnn.Bench.Startup;

/// <summary>What something took, in seconds.</summary>
internal readonly record struct Cost(double Wall, double Processor)
{
    public static T Of<T>(Func<T> work, ref Cost sum)
    {
        using var self = Process.GetCurrentProcess();
        var (clock, before) = (Stopwatch.StartNew(), self.TotalProcessorTime);
        var result = work();
        self.Refresh();
        sum += new Cost(clock.Elapsed.TotalSeconds, (self.TotalProcessorTime - before).TotalSeconds);
        return result;
    }

    public static Cost operator +(Cost a, Cost b) => new(a.Wall + b.Wall, a.Processor + b.Processor);
}

/// <summary>The stages of enlarging pictures one by one, each alone with every picture in memory before the next begins; what "srcnn upscale" is held against.</summary>
/// <param name="Colours">Luma and chroma, chroma by bicubic, and back.</param>
/// <param name="Network">Luma, by bicubic and network.</param>
internal sealed record Stages(Cost Decode, Cost Colours, Cost Network, Cost Encode)
{
    public Cost Sum => Decode + Colours + Network + Encode;

    public static Stages Of(Upscaler upscaler, IReadOnlyList<string> inputs, string output, int? quality)
    {
        using var bicubic = Upscaler.Bicubic(upscaler.Scale);
        upscaler.WarmUp();
        Cost decode = default, colours = default, network = default, encode = default;
        foreach (var input in inputs)
        {
            var picture = Cost.Of(() => ImageFile.Read(input), ref decode);
            var planes = Cost.Of(() => YCbCr.Forward(picture), ref colours);
            var luma = Cost.Of(() => upscaler.Upscale([planes.Y]), ref network);
            var large = Cost.Of(() => YCbCr.Inverse(luma[0], bicubic.Upscale([planes.Cb])[0], bicubic.Upscale([planes.Cr])[0]), ref colours);
            Cost.Of(() => Write(output, large, quality), ref encode);
        }
        return new(decode, colours, network, encode);
    }

    private static bool Write(string output, Image picture, int? quality)
    {
        ImageFile.Write(output, picture, quality: quality);
        return true;
    }
}
