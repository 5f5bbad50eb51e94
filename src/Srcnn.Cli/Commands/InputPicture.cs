using Srcnn.Engine.Imaging;

namespace Srcnn.Cli.Commands;

/// <summary>A picture the user named, read row by row; trouble of the file system there is a bad input and not a bad output.</summary>
internal sealed class InputPicture(string path, ReadingOptions options) : IImageReader
{
    private readonly IImageReader reader = Inputs.Read(path, p => ImageFile.Open(p, options));

    public ImageInfo Info => reader.Info;

    public int ReadRows(Span<ushort> rows)
    {
        try
        {
            return reader.ReadRows(rows);
        }
        catch (IOException e)
        {
            throw Inputs.Unreadable(path, e);
        }
    }

    public void Dispose() => reader.Dispose();
}
