namespace Srcnn.Engine.Imaging;

/// <summary>Makes the low-resolution pictures that networks are trained and scored on.</summary>
public static class Degradation
{
    /// <summary>Crops to a multiple of <paramref name="scale"/> and shrinks every channel by MATLAB's bicubic on integers.</summary>
    public static Image LowResolution8(Image image, int scale)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(scale, 1);
        var cropped = image.CropToMultiple(scale);
        return Bicubic.Resize(cropped, cropped.Width / scale, cropped.Height / scale);
    }

    /// <summary>Crops to a multiple of <paramref name="scale"/> and shrinks in float, not rounded: the low resolution of the protocol <c>y</c>.</summary>
    public static Plane LowResolution(Plane plane, int scale)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(scale, 1);
        var cropped = plane.CropToMultiple(scale);
        return Bicubic.Resize(cropped, cropped.Width / scale, cropped.Height / scale);
    }
}
