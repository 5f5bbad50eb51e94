namespace Srcnn.Engine.Imaging;
public sealed class NetVipsCodec : IImageCodec
{
    public ImageInfo Probe(string path, ImageFormat format) => throw new NotImplementedException();
    public IImageReader Open(string path, ImageFormat format, long maxPixels) => throw new NotImplementedException();
    public IImageWriter Create(string path, Stream stream, ImageInfo info, int? quality) => throw new NotImplementedException();
}
