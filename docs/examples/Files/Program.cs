using Srcnn.Engine.Upscaling;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
var progress = new Progress<double>(share => Console.Error.Write($"\r{share:P0}"));
var options = new UpscalerOptions { Scale = 2, Device = "host", Threads = 2 };
using var upscaler = Upscaler.Open(options: options); // the default model for the scale

upscaler.Upscale("photo.png", "photo_x2.jpg", quality: 90, progress: progress, stop: stop.Token);

using FileStream source = File.OpenRead("photo.png"), target = File.Create("photo_x2.png");
upscaler.Upscale(source, target, stop: stop.Token); // any streams: a request and its response, say
